#pragma once
#include <curl/curl.h>

// Swift cannot call C's variadic functions: each shim fixes the type of one kind of argument.
static inline CURLcode quake_setopt_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
