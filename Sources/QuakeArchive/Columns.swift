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

/// Reads what ``ColumnWriter`` wrote.
struct ColumnReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func unsigned() throws(ArchiveError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw ArchiveError(.format, "a block of the archive is cut short")
    }

    mutating func signed() throws(ArchiveError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func column(_ count: Int) throws(ArchiveError) -> [Int64] {
        var values: [Int64] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try signed()) }
        return values
    }

    mutating func deltas(_ count: Int) throws(ArchiveError) -> [Int64] {
        var values = try column(count)
        for index in values.indices.dropFirst() { values[index] &+= values[index - 1] }
        return values
    }

    mutating func runs(_ count: Int) throws(ArchiveError) -> [Int64] {
        var values: [Int64] = []
        values.reserveCapacity(count)
        while values.count < count {
            let length = Int(clamping: try unsigned())
            let value = try signed()
            guard length > 0, length <= count - values.count else {
                throw ArchiveError(.format, "a block of the archive is damaged")
            }
            values.append(contentsOf: repeatElement(value, count: length))
        }
        return values
    }
}
