// A program without librdkafka that loads an extension with it, late and RTLD_LOCAL.
//
//   host BROKERS TOPIC; the extension stands beside the program
#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void* find(void* library, const char* name) {
  void* function = dlsym(library, name);
  if (function == NULL) exit(99);
  return function;
}

int main(int count, char** values) {
  char path[1024];
  char error[512];
  (void)count;
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 64);
  if (size <= 0) return 98;
  path[size] = '\0';
  strcat(dirname(path), "/libtail_call_extension.so");
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return 97;

  void* (*conf_new)(void) = (void* (*)(void))find(library, "extension_conf");
  int (*set)(void*, const char*, const char*, char*, size_t) =
      (int (*)(void*, const char*, const char*, char*, size_t))find(library, "extension_set");
  void* (*client_new)(void*, char*, size_t) = (void* (*)(void*, char*, size_t))find(library, "extension_new");
  int (*send)(void*, const char*) = (int (*)(void*, const char*))find(library, "extension_send");
  int (*poll)(void*) = (int (*)(void*))find(library, "extension_poll");
  int (*flush)(void*) = (int (*)(void*))find(library, "extension_flush");
  void (*destroy)(void*) = (void (*)(void*))find(library, "extension_destroy");

  void* conf = conf_new();
  if (set(conf, "bootstrap.servers", values[1], error, sizeof error) != 0) return 96;
  void* client = client_new(conf, error, sizeof error);
  if (client == NULL) return 95;
  printf("send %d\n", send(client, values[2]));
  poll(client);
  printf("flush %d\n", flush(client));
  destroy(client);
  return 0;
}
