/// RFC 3339 in UTC, without Foundation's formatters: written for every status.
enum Timestamp {
    /// `2026-01-31T02:15:00Z`.
    static func text(seconds: Int64) -> String {
        let (year, month, day) = civil(days: seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        let rest = ((seconds % 86_400) + 86_400) % 86_400
        return "\(pad(year, 4))-\(pad(month))-\(pad(day))T\(pad(rest / 3600)):\(pad(rest / 60 % 60)):\(pad(rest % 60))Z"
    }

    /// With exactly six decimals, as a Lease's times must have.
    static func micro(nanoseconds: Int64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        let micros = nanoseconds % 1_000_000_000 / 1000
        return text(seconds: seconds).dropLast() + ".\(pad(micros, 6))Z"
    }

    /// Whole seconds since 1970 of either form; `nil` for anything else.
    static func seconds(_ text: String) -> Int64? {
        let digits = text.utf8.prefix(19)
        guard digits.count == 19 else { return nil }
        let numbers = text.prefix(19).split { !$0.isNumber }.compactMap { Int64($0) }
        guard numbers.count == 6 else { return nil }
        let days = daysFromCivil(numbers[0], numbers[1], numbers[2])
        return days * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
    }

    private static func pad(_ value: Int64, _ width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static func civil(days: Int64) -> (Int64, Int64, Int64) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let doe = z - era * 146_097
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
        let mp = (5 * doy + 2) / 153
        let month = mp < 10 ? mp + 3 : mp - 9
        return (yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1)
    }

    private static func daysFromCivil(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yoe = y - era * 400
        let doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
    }
}
