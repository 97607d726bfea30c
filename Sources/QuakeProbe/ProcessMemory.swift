internal import CLinux

/// How the process's memory is managed.
package enum ProcessMemory {
    /// Keeps it from growing through hours by what each of many threads once held. To be called before there are any.
    package static func keepFlat() { quake_keep_memory_flat() }

    /// Gives the system what is free, between blocks that live too. Takes a millisecond or so.
    package static func giveBack() { quake_give_memory_back() }
}
