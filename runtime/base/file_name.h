/* SPDX-License-Identifier: MIT */
#ifndef BASE_FILE_NAME_H
#define BASE_FILE_NAME_H

/*
 * A file's name for what has a name of its own, such as a topology: it stays
 * readable, what does not suit a file becomes %XX, and no name leads out of
 * its folder. `suffix` is added. Free it; NULL: no memory.
 */
char *file_name_for(const char *name, const char *suffix);

#endif
