# Stops a cluster and removes it when whoever started it is gone, by whatever way: their end of our standard input closes.
# $1: the cluster's directory.
cat >/dev/null
# The first line names the process, the seventh its lock in System V shared memory, which outlives a process that was killed.
lock=$1/data/postmaster.pid
{ read -r postmaster; for _ in 2 3 4 5 6; do read -r _; done; read -r _ memory; } <"$lock"
# The number may be somebody else's by now; the directory in which it runs is not.
runs() { [ "$(readlink "/proc/$postmaster/cwd")" = "$1/data" ]; }
if [ -n "$postmaster" ] && runs "$1"; then
    # shellcheck disable=SC2046 # a list of numbers
    kill -s CONT "$postmaster" $(cat "/proc/$postmaster/task/$postmaster/children")
    # QUIT: at once, without writing out what is in memory.
    kill -s QUIT "$postmaster"
    for _ in $(seq 100); do
        runs "$1" || break
        sleep 0.1
    done
    runs "$1" && kill -s KILL "$postmaster"
fi
# What is still at work for it: its being made, a pooler before it.
find /proc -maxdepth 2 -name cwd -lname "$1" | while IFS=/ read -r _ _ process _; do
    kill -s KILL "$process"
done
[ -e "$lock" ] && [ -n "$memory" ] && ipcrm --shmem-id "$memory"
# Its small disk, of which only root has made one.
[ -d "$1/disk" ] && umount -l "$1/disk"
rm -rf "$1"
