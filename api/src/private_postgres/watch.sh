# Runs one PostgreSQL server for as long as the process lives that holds the other end of this script's standard input.
#   sh watch.sh END_SIGNAL FOLDER_TO_REMOVE|'' postgres ARGUMENTS...
# Each line that comes in is the name of a signal for the server. The end of the input says that the starter is gone or wants
# the server stopped; then the server gets END_SIGNAL, again and again, since one that comes before it has installed its
# handlers is lost. The folder is removed by this script because only it outlives a starter that was killed; not while there is
# a file `keep` in it, with which the starter says that the server will be started again.
end_signal=$1 remove=$2
shift 2
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(
  while read -r signal <&3; do kill -s "$signal" "$server"; done
  while kill -s "$end_signal" "$server"; do sleep 0.2 || sleep 1; done
) 2>/dev/null &
watch=$!
exec 3<&-
wait "$server"
code=$?
kill "$watch" 2>/dev/null
[ -z "$remove" ] || [ -e "$remove/keep" ] || rm -rf -- "$remove"
exit "$code"
