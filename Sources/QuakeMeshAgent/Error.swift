/// A setting of a role that is missing or wrong.
package struct SettingError: Error, Sendable, CustomStringConvertible {
    package var message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
