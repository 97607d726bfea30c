/// A node of a YAML document with the place where it was written. Aliases and merge keys are already resolved: a node
/// that an alias brought keeps the position of its anchor.
package struct YAMLNode: Sendable, Equatable {
    package var kind: Kind
    /// 1-based line of the node's first character (its tag or anchor, where it has one).
    package var line: Int
    /// 1-based column, in Unicode scalars.
    package var column: Int

    /// What a node is.
    package enum Kind: Sendable, Equatable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the text, merged pairs last; no key occurs twice.
        case mapping([YAMLPair])
    }

    package init(_ kind: Kind, line: Int, column: Int) {
        self.kind = kind
        self.line = line
        self.column = column
    }
}

/// One key of a mapping and its value. The key is always a scalar.
package struct YAMLPair: Sendable, Equatable {
    package var key: YAMLNode
    package var value: YAMLNode

    package init(key: YAMLNode, value: YAMLNode) {
        self.key = key
        self.value = value
    }
}

/// A scalar's text with escapes and folding undone, and what decides its type.
package struct YAMLScalar: Sendable, Equatable {
    /// How the scalar was written.
    package enum Style: String, Sendable {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    package var text: String
    package var style: Style
    /// The explicit tag, resolved (`tag:yaml.org,2002:str`); `nil` where there is none.
    package var tag: String?

    package init(_ text: String, style: Style = .plain, tag: String? = nil) {
        self.text = text
        self.style = style
        self.tag = tag
    }

    /// Whether the text decides the type: a plain scalar without a tag, or one tagged as anything but a string.
    package var isTypedByText: Bool {
        guard let tag else { return style == .plain }
        return tag != "!" && tag != "tag:yaml.org,2002:str"
    }
}
