# Files, folders, links, permissions and archives through busybox's applets.
# busybox finds its applets in the PATH, as links to itself.
[ -e /bin/sh ] || /guest/busybox --install -s /bin
set -e
umask 022
say() { echo "== $*"; }
mode() { stat -c '%A %s %h %n' "$@"; }
rm -rf /tmp/files
mkdir -p /tmp/files
cd /tmp/files

say making
mkdir -p a/b/c
touch a/one a/b/two a/b/c/three
find a | sort
find a -type d | sort
find a -name 't*' | sort
find a -type f -exec basename {} \; | sort
mkdir a 2>/dev/null || echo "a is there already"
rmdir a/b/c 2>/dev/null || echo "c is not empty"

say content
echo first > file
echo second >> file
cat file
: > empty
[ -s empty ] || echo "empty is empty"
[ -f file ] && [ -d a ] && [ ! -e missing ] && echo "tests are right"
dd if=/dev/zero of=zeros bs=1000 count=3 2>/dev/null
mode zeros
dd if=file bs=1 skip=6 count=3 2>/dev/null
echo
truncate -s 10 zeros
mode zeros

say permissions
chmod 640 file
mode file
chmod u+x,g-r,o=w file
mode file
chmod -R 700 a
stat -c '%A %n' a a/one
chown 0:0 file
(umask 077; touch private)
mode private

say links
ln file hard
ln -s file soft
ln -s missing dangling
mode file hard
readlink soft
readlink -f soft
[ -L soft ] && echo "soft is a link"
[ -e dangling ] || echo "dangling leads nowhere"
cat soft | head -n 1
rm file
cat hard | head -n 1
cat soft 2>/dev/null || echo "soft dangles now"

say copying
cp hard copy
cp -r a tree
find tree | sort
cp -p hard kept
mv copy moved
mv moved tree
ls tree
mv tree/moved .
mv a/one tree/other
ls a tree
rm -r a
[ -e a ] || echo "a is gone"
cp missing x 2>/dev/null || echo "cannot copy what is missing"

say listing
ls
ls -a | head -n 2
ls -1 tree
ls -d t*
ls -l hard | cut -c 1-10
echo *
echo t*/b
du -s tree > /dev/null && echo "du works"
touch -d '2020-02-02 02:02:02' kept
stat -c %Y kept
[ hard -nt kept ] && echo "hard is newer"

say fifos
mkfifo fifo
(echo through the fifo > fifo) &
cat fifo
wait
mode fifo | cut -c 1

say archives
mkdir pack
seq 1 1000 > pack/numbers
echo text > pack/text
ln -s text pack/link
tar cf pack.tar pack
tar tf pack.tar | sort
rm -r pack
tar xf pack.tar
wc -l < pack/numbers
readlink pack/link
gzip -c pack/numbers > numbers.gz
gunzip -c numbers.gz | tail -n 1
bzip2 -c pack/numbers > numbers.bz2
bunzip2 -c numbers.bz2 | head -n 1
tar czf pack.tgz pack
tar tzf pack.tgz | wc -l
find pack | sort | cpio -o -H newc 2>/dev/null > pack.cpio
mkdir out
(cd out; cpio -i 2>/dev/null < ../pack.cpio; find . | sort)
cmp pack/numbers out/pack/numbers && echo "the same after all that"

say temporary
name=$(mktemp /tmp/files/tmp.XXXXXX)
[ -f "$name" ] && echo "a temporary file"
folder=$(mktemp -d)
[ -d "$folder" ] && rmdir "$folder" && echo "a temporary folder"

say devices
echo nothing > /dev/null
head -c 4 /dev/zero | od -An -tx1
[ -c /dev/null ] && echo "null is a character device"
head -c 100 /dev/urandom | wc -c
sync
pwd
cd /
rm -r /tmp/files
say done
