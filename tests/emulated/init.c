// The first and only process of the emulated machine (run_in_emulator.py): runs one program and switches off.
//
// ttyS1, ttyS2: standard output and error of the program, byte for byte. ttyS3: how it ended, "exit N\n" or "signal
// N\n". /run.argv and /run.env: arguments and environment of the program, each string closed by a zero byte; argv[0] is
// its path.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void stop(const char* what) {
  if (what) fprintf(stderr, "init: %s: %s\n", what, strerror(errno));
  reboot(RB_POWER_OFF);
  _exit(1);
}

// The strings of a file as a null-terminated array.
static char** strings_of(const char* path) {
  static char text[2][1 << 16];
  static char* list[2][4096];
  static int used;
  char* buffer = text[used];
  char** strings = list[used++];
  const int file = open(path, O_RDONLY);
  if (file < 0) stop(path);
  const ssize_t size = read(file, buffer, sizeof text[0] - 1);
  close(file);
  int count = 0;
  for (ssize_t at = 0; at < size && count < 4095; at += (ssize_t)strlen(buffer + at) + 1)
    strings[count++] = buffer + at;
  return strings;
}

static int serial(const char* path) {
  const int port = open(path, O_RDWR | O_NOCTTY);
  if (port < 0) stop(path);
  struct termios settings;
  if (tcgetattr(port, &settings)) stop(path);
  cfmakeraw(&settings);
  cfsetspeed(&settings, B115200);
  if (tcsetattr(port, TCSANOW, &settings)) stop(path);
  return port;
}

int main(void) {
  mount("dev", "/dev", "devtmpfs", 0, "");
  mount("proc", "/proc", "proc", 0, "");
  mount("sys", "/sys", "sysfs", 0, "");
  char** argv = strings_of("/run.argv");
  char** env = strings_of("/run.env");
  const int out = serial("/dev/ttyS1"), err = serial("/dev/ttyS2"), end = serial("/dev/ttyS3");
  const pid_t child = fork();
  if (child < 0) stop("fork");
  if (child == 0) {
    const int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) stop("dup2");
    execve(argv[0], argv, env);
    fprintf(stderr, "init: %s: %s\n", argv[0], strerror(errno));
    _exit(127);
  }
  int status = 0;
  while (waitpid(-1, &status, 0) != child) {
  }
  tcdrain(out);
  tcdrain(err);
  dprintf(end, WIFEXITED(status) ? "exit %d\n" : "signal %d\n",
          WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  tcdrain(end);
  stop(NULL);
}
