import CLibYAML

/// What libyaml reports, as values.
struct YAMLEvent {
    enum Body {
        case streamStart, streamEnd, documentStart, documentEnd, sequenceEnd, mappingEnd
        case alias(String)
        case scalar(YAMLScalar, anchor: String?)
        case sequenceStart(anchor: String?)
        case mappingStart(anchor: String?)
    }

    var body: Body
    /// 1-based.
    var line: Int
    /// 1-based.
    var column: Int
}

/// libyaml's parser, the only code that meets it. The bytes must outlive the reader.
final class EventReader {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeBufferPointer<UInt8>
    private let file: String

    init(_ bytes: UnsafeBufferPointer<UInt8>, file: String) throws(YAMLError) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        self.bytes = bytes
        self.file = file
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLError(.tooLarge, file: file, line: 1, column: 1, message: "no memory for the parser")
        }
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deinitialize(count: 1)
        parser.deallocate()
    }

    /// The next event; after `streamEnd` there is none.
    func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let mark = event.start_mark
        return YAMLEvent(body: try body(of: event), line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    private func body(of event: yaml_event_t) throws(YAMLError) -> YAMLEvent.Body {
        switch event.type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_SEQUENCE_START_EVENT: .sequenceStart(anchor: text(event.data.sequence_start.anchor))
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_START_EVENT: .mappingStart(anchor: text(event.data.mapping_start.anchor))
        case YAML_MAPPING_END_EVENT: .mappingEnd
        case YAML_ALIAS_EVENT: .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT: .scalar(scalar(of: event), anchor: text(event.data.scalar.anchor))
        default: .streamEnd
        }
    }

    private func scalar(of event: yaml_event_t) -> YAMLScalar {
        let data = event.data.scalar
        let value = UnsafeBufferPointer(start: data.value, count: data.length)
        let style: YAMLScalar.Style =
            switch data.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE: .literal
            case YAML_FOLDED_SCALAR_STYLE: .folded
            default: .plain
            }
        return YAMLScalar(String(decoding: value, as: UTF8.self), style: style, tag: text(data.tag))
    }

    private func text(_ characters: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        characters.map { String(cString: $0) }
    }

    private func failure() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the text is not well-formed"
        if parser.pointee.error == YAML_READER_ERROR {
            // The reader looks ahead of the parser and reports a byte, not a mark.
            let (line, column) = position(ofByte: Int(parser.pointee.problem_offset))
            return YAMLError(.syntax, file: file, line: line, column: column, message: problem)
        }
        let mark = parser.pointee.problem_mark
        var message = problem
        if let context = parser.pointee.context {
            message += " " + String(cString: context)
            let begin = parser.pointee.context_mark
            if begin.line != mark.line { message += " (line \(begin.line + 1))" }
        }
        return YAMLError(
            .syntax, file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1, message: message)
    }

    private func position(ofByte offset: Int) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        // Continuation bytes of UTF-8 begin no scalar.
        return (line, before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1)
    }
}
