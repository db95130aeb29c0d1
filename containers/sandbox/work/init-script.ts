/** Descriptor of the box's report to its parent: `S` once it runs, `E` after the code, then a tar. */
export const REPORT_FD = 3;

/** Descriptor on which the launcher's box gets its files, as a tar. */
export const FILES_FD = 5;

const RUN = `
exec 4>&2 2>/dev/null
printf S >&3
(exec "$@" 2>&4 3>&- 4>&-)
code=$?
exec </dev/null >/dev/null 4>&-
kill -s KILL -- -1
printf E >&3
if [ -d /workspace/out ] && [ ! -L /workspace/out ]; then
  cd /workspace/out && for first in * .[!.]* ..?*; do
    if [ -e "$first" ] || [ -L "$first" ]; then
      /bin/tar --create --file=- --format=gnu --numeric-owner --ignore-failed-read . >&3
      break
    fi
  done
fi
exit $code`;

const UNPACK = `
mkdir /workspace/out || exit 125
/bin/tar --extract --file=- --no-same-owner --directory=/workspace <&${FILES_FD} || exit 125
exec ${FILES_FD}<&-`;

/**
 * The first program in the box: it runs the code, ends whatever the code left running, and then
 * packs `/workspace/out` onto the report. It has no rights that the code has not, and the parent
 * takes the report for what it is: bytes that the code could have written itself.
 *
 * The code is started from a subshell, so that the shell's own word on a signal ("Segmentation fault")
 * does not end up in what the code wrote to stderr.
 *
 * Collecting inside means that no parent ever opens a path that the code made: a symbolic link shows
 * at most a file of the box, and tar neither opens FIFOs nor runs while any other process lives.
 *
 * @param unpacks first unpacks the job's files from descriptor 5 (a box that no one else fills)
 */
export function initScript(unpacks: boolean): string {
  return unpacks ? UNPACK + RUN : RUN;
}
