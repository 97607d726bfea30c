internal import CLinux

/// How the process's memory is managed.
package enum ProcessMemory {
    /// Keeps it from growing through hours by what each of many threads once held. To be called before there are any.
    package static func keepFlat() { quake_keep_memory_flat() }
}
