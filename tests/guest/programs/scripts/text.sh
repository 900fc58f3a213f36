# Text through busybox's applets: each line of the output is one check that a reader can follow.
# busybox finds its applets in the PATH, as links to itself.
[ -e /bin/sh ] || /guest/busybox --install -s /bin
set -e
say() { echo "== $*"; }
mkdir -p /tmp/text
cd /tmp/text

say lines
seq 1 20 > numbers
head -n 3 numbers
tail -n 2 numbers
sed -n '5,7p' numbers
wc -l < numbers
wc -c < numbers

say words
cat > words <<'END'
the quick brown fox
jumps over the lazy dog
The Dog barks
and the fox runs
END
grep fox words
grep -c the words
grep -i -n '^the' words
grep -v o words || echo "no line without o"
grep -E 'fox|dog' words | wc -l
tr 'a-z' 'A-Z' < words | head -n 1
tr -d aeiou < words | head -n 2
tr -s ' ' '\n' < words | sort | uniq -c | sort -rn | head -n 3

say cutting
cut -d ' ' -f 2 words
cut -c 1-3 words
rev words | head -n 1
fold -w 10 words | head -n 4
expand -t 4 <<'END'
a	b	c
END
paste -s -d , numbers

say sorting
sort -r words | head -n 1
sort -n -k 1 <<'END'
10 ten
9 nine
100 hundred
END
printf 'b\na\nb\nc\na\n' | sort -u
printf 'x 3\ny 1\nz 2\n' | sort -k 2

say sed
sed 's/fox/cat/' words
sed -e '/^The/d' -e 's/[aeiou]/_/g' words
sed 's/\(quick\) \(brown\)/\2 \1/' words | head -n 1
sed '$!d' words
sed -i 's/dog/wolf/' words
cat words

say awk
awk '{ print NF, $1 }' words
awk '{ sum += $1 } END { print sum, sum / NR }' numbers
awk -F : '{ print $1, $NF }' /etc/passwd
awk 'BEGIN { for (i = 1; i <= 5; i++) printf "%d ", i * i; print "" }'
awk '{ count[length($2)]++ } END { for (n in count) print n, count[n] }' words | sort
awk 'length > 18' words
awk 'BEGIN { print substr("hello", 2, 3), index("hello", "l"), toupper("up") }'

say comparing
cp words other
cmp words other && echo same
echo more >> other
cmp words other || echo different
diff words other || true

say numbers
expr 6 \* 7
expr length "four" || true
echo $((2 ** 10)) $((17 % 5)) $((0x1f)) $((1 << 4)) $((7 / 2))
factor 360
seq -s + 1 10
printf '%05d|%x|%o|%s|%-5s|\n' 42 255 8 text left
dc -e '3 4 + 2 * p' 2>/dev/null || echo 14

say encoding
printf hello | md5sum
printf hello | sha1sum
printf hello | sha256sum | cut -c 1-16
printf 'hello world' | base64
printf 'aGVsbG8gd29ybGQ=' | base64 -d
echo
printf 'ABC\n' | hexdump -C
printf 'ABC' | od -An -tx1
printf 'ABC' | xxd -p
uuencode name < numbers | head -n 1
strings <<'END'
text in here
END

say filters
yes | head -n 3
tac numbers | head -n 2
nl words | head -n 2
seq 1 5 | tee copy | wc -l
cat copy | xargs echo
seq 1 6 | xargs -n 2 echo pair
shuf numbers | sort -n | cmp - numbers && echo "shuffled and sorted back"
basename /a/b/c.txt .txt
dirname /a/b/c.txt
echo 'a,b,c' | tr , '\n' | while read letter; do echo "letter $letter"; done

cd /
rm -r /tmp/text
say done
