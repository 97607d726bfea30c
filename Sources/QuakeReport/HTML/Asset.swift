/// Styles and scripts of the pages. They are files in `Assets/`, which the package compiles into the program as bytes: one
/// binary is all that a page needs. What they say stands in a page as it is, comments included.
enum Asset {
    /// Of every page. Colours are Okabe and Ito's, which the colour-blind can tell apart.
    static let pageStyle = text(PackageResources.page_css)
    /// What the timeline and the details of one run add.
    static let timelineStyle = text(PackageResources.timeline_css)
    /// Zoom, hover and links of the timeline. Zooming changes the visible part of drawings that stand in the page already.
    static let timelineScript = text(PackageResources.timeline_js)
    /// What the plots of a comparison add.
    static let comparisonStyle = text(PackageResources.comparison_css)
    /// What a history adds.
    static let historyStyle = text(PackageResources.history_css)

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
