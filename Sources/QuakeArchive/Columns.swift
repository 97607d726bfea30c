/// Writes columns of whole numbers: LEB128 varints, zigzag for signed ones, run lengths for columns that seldom change.
struct ColumnWriter {
    private(set) var bytes: [UInt8] = []

    mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    mutating func column<S: Sequence>(_ values: S) where S.Element == Int64 {
        for value in values { signed(value) }
    }

    /// Differences of neighbours.
    mutating func deltas<S: Sequence>(_ values: S) where S.Element == Int64 {
        var last: Int64 = 0
        for value in values {
            signed(value &- last)
            last = value
        }
    }

    /// Pairs of a run's length and its value.
    mutating func runs<S: Sequence>(_ values: S) where S.Element == Int64 {
        var current: Int64?
        var count: UInt64 = 0
        for value in values {
            if value == current {
                count += 1
            } else {
                end(current, count)
                (current, count) = (value, 1)
            }
        }
        end(current, count)
    }

    private mutating func end(_ value: Int64?, _ count: UInt64) {
        guard let value else { return }
        unsigned(count)
        signed(value)
    }
}

/// Reads what ``ColumnWriter`` wrote. Columns are read into arrays that the caller keeps from block to block: a run's
/// archive has a block for each second or so, and a day has hundreds of thousands of them.
struct ColumnReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private static var cutShort: ArchiveError { ArchiveError(.format, "a block of the archive is cut short") }

    @inline(__always)
    mutating func unsigned() throws(ArchiveError) -> UInt64 {
        // Most numbers take a byte.
        if position < bytes.count, bytes[position] < 0x80 {
            position += 1
            return UInt64(bytes[position - 1])
        }
        return try longUnsigned()
    }

    private mutating func longUnsigned() throws(ArchiveError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw Self.cutShort
    }

    @inline(__always)
    mutating func signed() throws(ArchiveError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A column of `count` numbers, in place of what `values` held.
    mutating func column(_ count: Int, into values: inout [Int64]) throws(ArchiveError) {
        values.removeAll(keepingCapacity: true)
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try signed()) }
    }

    mutating func deltas(_ count: Int, into values: inout [Int64]) throws(ArchiveError) {
        values.removeAll(keepingCapacity: true)
        values.reserveCapacity(count)
        var last: Int64 = 0
        for _ in 0..<count {
            last &+= try signed()
            values.append(last)
        }
    }

    mutating func runs(_ count: Int, into values: inout [Int64]) throws(ArchiveError) {
        values.removeAll(keepingCapacity: true)
        values.reserveCapacity(count)
        while values.count < count {
            let length = Int(clamping: try unsigned())
            let value = try signed()
            guard length > 0, length <= count - values.count else {
                throw ArchiveError(.format, "a block of the archive is damaged")
            }
            values.append(contentsOf: repeatElement(value, count: length))
        }
    }

    /// Passes over `count` numbers of a column or of deltas.
    mutating func skip(_ count: Int) throws(ArchiveError) {
        var left = count
        while left > 0 {
            guard position < bytes.count else { throw Self.cutShort }
            // The last byte of a number has no continuation bit.
            if bytes[position] < 0x80 { left -= 1 }
            position += 1
        }
    }
}
