// Go's side of make bench-coro: prints the nanoseconds of one operation.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

func perOperation(count int, work func()) float64 {
	start := time.Now()
	work()
	return float64(time.Since(start).Nanoseconds()) / float64(count)
}

// Two goroutines hand a value to and fro; a hop is one way.
func channelHop() float64 {
	const rounds = 300000
	there, back := make(chan int), make(chan int)
	go func() {
		for value := range there {
			back <- value
		}
		close(back)
	}()
	return perOperation(2*rounds, func() {
		for i := 0; i < rounds; i++ {
			there <- i
			<-back
		}
		close(there)
	})
}

func spawnBatch(size int, batches int) float64 {
	done := make(chan struct{}, size)
	return perOperation(size*batches, func() {
		for batch := 0; batch < batches; batch++ {
			for i := 0; i < size; i++ {
				go func() { done <- struct{}{} }()
			}
			for i := 0; i < size; i++ {
				<-done
			}
		}
	})
}

func skynet(answer chan int, number int, size int) {
	if size == 1 {
		answer <- number
		return
	}
	children := make(chan int, 10)
	for i := 0; i < 10; i++ {
		go skynet(children, number+i*(size/10), size/10)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-children
	}
	answer <- sum
}

func skynetLeaf() float64 {
	const leaves = 1000000
	return perOperation(leaves, func() {
		answer := make(chan int)
		go skynet(answer, 0, leaves)
		<-answer
	})
}

func main() {
	runtime.GOMAXPROCS(1)
	var answer float64
	switch os.Args[1] {
	case "channel_hop":
		answer = channelHop()
	case "spawn_batch_1000":
		answer = spawnBatch(1000, 300)
	case "spawn_batch_1000000":
		answer = spawnBatch(1000000, 1)
	case "skynet_1":
		answer = skynetLeaf()
	case "skynet_2":
		runtime.GOMAXPROCS(2)
		answer = skynetLeaf()
	default:
		os.Exit(2)
	}
	fmt.Println(answer)
}
