/* SPDX-License-Identifier: Apache-2.0 */
/* Names are looked up by modules that the C library loads at the first look-up: "hosts: files resolve dns".
 * When the sandbox is complete no code can be loaded any more, so they are loaded before. */
#include "base/str.h"
#include "sandbox/parts.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `word` of the line: a module's name, or a reaction such as "[NOTFOUND=return]". */
static void load(const char *word) {
    char name[64];
    bool is_built_in = strcmp(word, "files") == 0 || strcmp(word, "dns") == 0;
    bool is_name = word[0] != '[' && strcspn(word, "/.") == strlen(word);
    if (is_built_in || !is_name || strlen(word) > 40)
        return;
    snprintf(name, sizeof name, "libnss_%s.so.2", word);
    dlopen(name, RTLD_NOW | RTLD_LOCAL); /* for as long as the process lives */
}

static void load_line(char *line) {
    char *rest = NULL;
    static const char spaces[] = " \t\n";
    line[strcspn(line, "#")] = '\0';
    const char *word = strtok_r(line, spaces, &rest);
    bool is_wanted = word != NULL && (strcmp(word, "hosts:") == 0 || strcmp(word, "passwd:") == 0);
    for (word = strtok_r(NULL, spaces, &rest); is_wanted && word != NULL;
         word = strtok_r(NULL, spaces, &rest))
        load(word);
}

void modules_load(void) {
    FILE *file = fopen("/etc/nsswitch.conf", "re");
    char *line = NULL;
    size_t size = 0;
    if (file == NULL)
        return;
    while (getline(&line, &size, file) >= 0)
        load_line(line);
    free(line);
    fclose(file);
}
