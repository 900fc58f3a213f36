# A web server and its clients, and two ends of a pipe through the loopback, by busybox's applets.
[ -e /bin/sh ] || /guest/busybox --install -s /bin
say() { echo "== $*"; }
rm -rf /tmp/web
mkdir -p /tmp/web/pages
cd /tmp/web

say "a web server"
echo "the first page" > pages/index.html
seq 1 50000 > pages/long
httpd -f -p 127.0.0.1:8080 -h /tmp/web/pages &
server=$!
until wget -q -O page http://127.0.0.1:8080/ 2>/dev/null; do :; done
cat page
wget -q -O long http://127.0.0.1:8080/long && cmp long pages/long && echo "the long page is the same"
wget -q -O none http://127.0.0.1:8080/missing 2>/dev/null || echo "a missing page"
wget -q -O none http://127.0.0.1:8081/ 2>/dev/null || echo "nobody at that port"

say "many clients"
for number in 1 2 3 4 5 6 7 8 9 10; do
  wget -q -O - http://127.0.0.1:8080/index.html
done | uniq -c | tr -s ' '
seq 1 12 | xargs -n 1 -P 4 sh -c 'wget -q -O out.$0 http://127.0.0.1:8080/long && cmp out.$0 pages/long && echo "client $0"' | sort
kill $server
wait $server 2>/dev/null

say "a pipe through the network"
# nc ends as soon as the other side has no more to say: the listener's input must stay open.
mkfifo silence
nc -l -p 9000 <> silence > received &
listener=$!
until seq 1 1000 | nc 127.0.0.1 9000 2>/dev/null; do :; done
wait $listener
tail -n 1 received
wc -l < received

say "there and back"
nc -l -p 9001 -e cat &
listener=$!
until echo "an echo" | nc 127.0.0.1 9001 2>/dev/null; do :; done
wait $listener

say "time limits"
timeout 1 sleep 1000
echo "ended with $?"
timeout 1000 echo "in time"

say "in parallel"
seq 1 6 | xargs -n 1 -P 3 sh -c 'echo "worker $0"' | sort
cd /
rm -r /tmp/web
say done
