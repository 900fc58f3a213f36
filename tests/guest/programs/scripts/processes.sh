# Processes, pipelines, jobs, signals and the shell's own language.
# busybox finds its applets in the PATH, as links to itself.
[ -e /bin/sh ] || /guest/busybox --install -s /bin
say() { echo "== $*"; }

say values
name=world
echo "hello $name" 'single $name' "${name}s" ${#name}
echo ${missing:-default} ${name:+set} ${name%ld} ${name#w}
path=/usr/local/lib/file.tar.gz
echo ${path##*/} ${path%/*} ${path%%.*} ${path#*.}
echo "$(echo nested $(echo deeper))" `echo old style`
set -- one 'two words' three
echo $# "$2" "$*"
for each in "$@"; do echo "[$each]"; done
shift
echo $1
IFS=:
set -- $(echo a:b:c)
echo $# $3
unset IFS

say control
if [ 3 -gt 2 ]; then echo greater; else echo less; fi
i=0
while [ $i -lt 3 ]; do echo -n "$i "; i=$((i + 1)); done; echo
until [ $i -eq 0 ]; do i=$((i - 1)); done; echo $i
case file.txt in *.c) echo C;; *.txt | *.md) echo text;; *) echo other;; esac
for n in 1 2 3 4 5; do [ $n -eq 2 ] && continue; [ $n -eq 4 ] && break; echo $n; done
true && echo yes || echo no
false && echo yes || echo no
! false; echo $?

say functions
add() { local sum=$(($1 + $2)); echo $sum; return 3; }
add 2 5
echo "status $?"
factorial() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(factorial $(($1 - 1))))); fi; }
factorial 10
sum=untouched
add 1 1 > /dev/null
echo $sum

say pipelines
seq 1 100 | grep 7 | wc -l
echo a b c | (read x y z; echo $z $y $x)
{ echo to stdout; echo to stderr >&2; } 2>&1 | sort
ls /missing 2>/dev/null || echo "ls failed"
cat <<END
here: $name
$(echo and a command)
END
cat <<'END'
here: $name
END
echo one > /tmp/redirected; echo two >> /tmp/redirected; cat < /tmp/redirected; rm /tmp/redirected
exec 3> /tmp/three; echo into three >&3; exec 3>&-; cat /tmp/three; rm /tmp/three
yes | head -n 1

say processes
(exit 7); echo $?
sh -c 'exit 9'; echo $?
(cd /tmp; pwd); pwd
sleep 0 & wait $!; echo "waited $?"
(sleep 0; exit 4) & wait $!; echo "waited $?"
false & first=$!
true & second=$!
wait $second; echo $?
wait $first; echo $?
sh -c 'kill -TERM $$'; echo "killed: $?"
sh -c 'kill -KILL $$'; echo "killed: $?"
sh -c 'trap "echo trapped; exit 5" TERM; kill -TERM $$; sleep 100'; echo $?
sh -c 'trap "echo at the end" EXIT; echo before'
sh -c 'trap "" TERM; kill -TERM $$; echo ignored it'
cat /dev/zero | head -c 10 | wc -c
[ -n "$$" ] && [ "$$" -gt 0 ] && echo "a process id"
sleep 1000 & sleeper=$!
kill -0 $sleeper && echo "it lives"
kill $sleeper
wait $sleeper 2>/dev/null; echo "it ended: $?"
kill -0 $sleeper 2>/dev/null || echo "it is gone"

say applets
env -i A=1 B=2 env | sort
env | grep -c PATH
which sh
test -x /proc/self/exe && echo "executable"
timeout 10 echo "in time"
timeout -s KILL 1 sh -c 'while :; do :; done' 2>/dev/null; echo "timed out: $?"
seq 3 | xargs -I {} echo "item {}"
id -u
whoami
uname -m
date -u -d @0 '+%Y-%m-%d %H:%M:%S'
ps -o pid,comm 2>/dev/null | grep -q ps && echo "ps shows itself"
ls /proc/self/fd > /dev/null && echo "descriptors are listed"
grep -c processor /proc/cpuinfo > /dev/null && echo "processors are listed"
free > /dev/null && echo "free works"
uptime > /dev/null && echo "uptime works"
printf '%s\n' b a | sort | tr '\n' ' '; echo
readlink /proc/self/exe
say done
