/*
 * sbx-exec: the way into the box within a container, where namespaces cannot be made.
 *
 *   sbx-exec --uid N --filter FD --nproc N --nofile N --fsize BYTES --data BYTES -- PROGRAM ARGS...
 *       becomes the user N without a right, a descriptor above 5 or an environment, under the system
 *       call filter that it reads from FD, and then the program
 *   sbx-exec --uid N --kill
 *       ends every process of the user N
 *
 * It needs the capabilities SETUID and SETGID, as file capabilities or as root. User ids below
 * LEAST_UID are refused, so that nobody who may run it becomes someone else with it. Ends with 125
 * and a line on stderr when anything fails: the program never starts half confined.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LEAST_UID = 60000, FAILED = 125, LAST_KEPT_FD = 5, FILTER_MOST = 4096 };

static void fail(const char *what) {
  dprintf(2, "sbx-exec: %s: %s\n", what, strerror(errno));
  _exit(FAILED);
}

static unsigned long number(const char *text, const char *what) {
  char *end = NULL;
  errno = 0;
  unsigned long value = text ? strtoul(text, &end, 10) : 0;
  if (!text || errno != 0 || *text < '0' || *text > '9' || *end != '\0') {
    errno = EINVAL;
    fail(what);
  }
  return value;
}

static void limit(int resource, unsigned long value, const char *what) {
  struct rlimit both = {value, value};
  if (setrlimit(resource, &both) != 0) fail(what);
}

/* The user's processes go first when the container is out of memory. */
static void be_first_to_go(void) {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "1000", 4) != 4) fail("oom_score_adj");
  close(fd);
}

static void become(unsigned long uid) {
  if (setgroups(0, NULL) != 0) fail("setgroups");
  if (setresgid(uid, uid, uid) != 0) fail("setresgid");
  if (setresuid(uid, uid, uid) != 0) fail("setresuid");
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2];
  memset(none, 0, sizeof none);
  if (syscall(SYS_capset, &header, none) != 0) fail("capset");
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) fail("ambient capabilities");
}

static void install_filter(int fd) {
  static struct sock_filter program[FILTER_MOST];
  size_t size = 0;
  for (;;) {
    ssize_t got = read(fd, (char *)program + size, sizeof program - size);
    if (got < 0) fail("filter");
    if (got == 0) break;
    size += (size_t)got;
  }
  if (size == 0 || size % sizeof program[0] != 0 || size == sizeof program) {
    errno = EINVAL;
    fail("filter");
  }
  struct sock_fprog filter = {(unsigned short)(size / sizeof program[0]), program};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) fail("seccomp");
}

/* Keeps the streams, the report (3) and the files (5). */
static void close_others(int filter) {
  close(filter);
  if (syscall(SYS_close_range, LAST_KEPT_FD + 1, ~0U, 0) != 0) fail("close_range");
}

int main(int argc, char **argv) {
  unsigned long uid = 0, filter = 0, nproc = 0, nofile = 0, fsize = 0, data = 0;
  int kills = 0, at = 1;
  for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
    const char *name = argv[at];
    if (strcmp(name, "--kill") == 0) {
      kills = 1;
      continue;
    }
    unsigned long value = number(argv[++at], name);
    if (strcmp(name, "--uid") == 0) uid = value;
    else if (strcmp(name, "--filter") == 0) filter = value;
    else if (strcmp(name, "--nproc") == 0) nproc = value;
    else if (strcmp(name, "--nofile") == 0) nofile = value;
    else if (strcmp(name, "--fsize") == 0) fsize = value;
    else if (strcmp(name, "--data") == 0) data = value;
    else {
      errno = EINVAL;
      fail(name);
    }
  }
  errno = EINVAL;
  if (uid < LEAST_UID || uid > 65534) fail("--uid");
  if (kills) {
    become(uid);
    return kill(-1, SIGKILL) == 0 || errno == ESRCH ? 0 : FAILED;
  }
  if (!filter || !nproc || !nofile || !fsize || !data || at + 1 >= argc) fail("usage");

  be_first_to_go();
  limit(RLIMIT_CORE, 0, "core");
  limit(RLIMIT_MSGQUEUE, 0, "msgqueue");
  limit(RLIMIT_MEMLOCK, 65536, "memlock");
  limit(RLIMIT_NOFILE, nofile, "nofile");
  limit(RLIMIT_FSIZE, fsize, "fsize");
  limit(RLIMIT_DATA, data, "data");
  limit(RLIMIT_NPROC, nproc, "nproc");
  umask(022);
  if (setsid() < 0 && errno != EPERM) fail("setsid");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("no_new_privs");
  become(uid);
  /* A change of user takes it back, so it comes after. */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) fail("pdeathsig");
  if (chdir("/workspace") != 0) fail("/workspace");
  install_filter((int)filter);
  close_others((int)filter);
  char *environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", NULL};
  execve(argv[at + 1], argv + at + 1, environment);
  fail(argv[at + 1]);
}
