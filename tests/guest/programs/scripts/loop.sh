# A longer computation in the shell's language alone, with many forks: primes, a sieve in files, a queue
# of workers that report through a FIFO.
# busybox finds its applets in the PATH, as links to itself.
[ -e /bin/sh ] || /guest/busybox --install -s /bin
say() { echo "== $*"; }

say primes
is_prime() {
  [ $1 -lt 2 ] && return 1
  divisor=2
  while [ $((divisor * divisor)) -le $1 ]; do
    [ $(($1 % divisor)) -eq 0 ] && return 1
    divisor=$((divisor + 1))
  done
  return 0
}
count=0
for number in $(seq 1 200); do
  is_prime $number && count=$((count + 1))
done
echo "$count primes below 200"

say sieve
mkdir -p /tmp/sieve
cd /tmp/sieve
for number in $(seq 2 60); do : > $number; done
for number in $(seq 2 7); do
  [ -e $number ] || continue
  multiple=$((number * number))
  while [ $multiple -le 60 ]; do
    rm -f $multiple
    multiple=$((multiple + number))
  done
done
ls | sort -n | tr '\n' ' '
echo
cd /
rm -r /tmp/sieve

say workers
rm -f /tmp/results
mkfifo /tmp/results
worker() {
  total=0
  for number in $(seq 1 $1); do total=$((total + number)); done
  echo "$1 $total" > /tmp/results
}
for job in 10 20 30 40 50; do worker $job & done
received=0
exec 4<> /tmp/results
while [ $received -lt 5 ]; do
  read size total <&4
  echo "$size: $total"
  received=$((received + 1))
done | sort -n
wait
exec 4>&-
rm /tmp/results

say fibonacci
fibonacci() { if [ $1 -lt 2 ]; then echo $1; else echo $(($(fibonacci $(($1 - 1))) + $(fibonacci $(($1 - 2))))); fi; }
fibonacci 9

say towers
moves=0
hanoi() {
  [ $1 -eq 0 ] && return
  hanoi $(($1 - 1)) $2 $4 $3
  moves=$((moves + 1))
  hanoi $(($1 - 1)) $4 $3 $2
}
hanoi 6 a b c
echo "$moves moves"

say queue
mkdir -p /tmp/queue
for index in 1 2 3 4 5 6 7 8; do echo "job $index" > /tmp/queue/$index; done
take() {
  for job in $(seq 1 8); do
    # rename is atomic: only one worker gets each job
    if mv /tmp/queue/$job /tmp/taken.$job 2>/dev/null; then cat /tmp/taken.$job >> /tmp/done.$1; fi
  done
}
for index in 1 2 3; do : > /tmp/done.$index; take $index & done
wait
cat /tmp/done.1 /tmp/done.2 /tmp/done.3 | sort | uniq -c | sed 's/^ *//'
rm -r /tmp/queue /tmp/taken.* /tmp/done.1 /tmp/done.2 /tmp/done.3

say strings
reverse() {
  text=$1
  result=
  while [ -n "$text" ]; do
    rest=${text#?}
    result=${text%"$rest"}$result
    text=$rest
  done
  echo "$result"
}
reverse "able was i"
reverse "step on no pets"
for word in level noon weft; do
  [ "$word" = "$(reverse $word)" ] && echo "$word is a palindrome" || echo "$word is not"
done
say done
