#pragma once
#include <curl/curl.h>

// Swift cannot call C's variadic functions: each shim fixes the type of one kind of argument.
static inline CURLcode quake_setopt_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quake_setopt_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quake_setopt_off(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quake_setopt_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quake_setopt_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quake_setopt_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}
typedef size_t (*quake_data_function)(char *, size_t, size_t, void *);
static inline CURLcode quake_setopt_data_function(CURL *handle, CURLoption option, quake_data_function function) {
    return curl_easy_setopt(handle, option, function);
}
typedef int (*quake_progress_function)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
static inline CURLcode quake_set_progress_function(CURL *handle, quake_progress_function function) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, function);
}
typedef int (*quake_prereq_function)(void *, char *, char *, int, int);
static inline CURLcode quake_set_prereq_function(CURL *handle, quake_prereq_function function) {
    return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, function);
}
typedef curl_socket_t (*quake_opensocket_function)(void *, curlsocktype, struct curl_sockaddr *);
static inline CURLcode quake_set_opensocket_function(CURL *handle, quake_opensocket_function function) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, function);
}
typedef int (*quake_closesocket_function)(void *, curl_socket_t);
static inline CURLcode quake_set_closesocket_function(CURL *handle, quake_closesocket_function function) {
    return curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, function);
}
static inline CURLcode quake_getinfo_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode quake_getinfo_off(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode quake_getinfo_string(CURL *handle, CURLINFO info, char **value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLMcode quake_multi_setopt_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}
static inline CURLMcode quake_multi_setopt_pointer(CURLM *handle, CURLMoption option, void *value) {
    return curl_multi_setopt(handle, option, value);
}
typedef int (*quake_socket_function)(CURL *, curl_socket_t, int, void *, void *);
static inline CURLMcode quake_multi_set_socket_function(CURLM *handle, quake_socket_function function) {
    return curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, function);
}
typedef int (*quake_timer_function)(CURLM *, long, void *);
static inline CURLMcode quake_multi_set_timer_function(CURLM *handle, quake_timer_function function) {
    return curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, function);
}
// The result of a finished transfer is in a union.
static inline CURLcode quake_message_result(const CURLMsg *message) { return message->data.result; }
