#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

/* Items of an array whose size the compiler knows. */
#define nitems(a) (sizeof(a) / sizeof((a)[0]))

#endif
