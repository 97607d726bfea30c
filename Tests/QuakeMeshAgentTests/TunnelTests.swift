import NIOCore
import NIOEmbedded
import QuakeMeshAgent
import Testing

@Suite("Two ends of a tunnel")
struct TunnelTests {
    private let loop = EmbeddedEventLoop()

    /// A channel with an end in it, connected only where it says so.
    private func channel(isActive: Bool) throws -> (EmbeddedChannel, TunnelEnd) {
        let end = TunnelEnd()
        let channel = EmbeddedChannel(handlers: [end], loop: loop)
        if isActive { try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait() }
        return (channel, end)
    }

    @Test("pass on what came before they were joined, and what comes after")
    func passesOn() throws {
        let (front, frontEnd) = try channel(isActive: true)
        let (back, backEnd) = try channel(isActive: true)
        try front.writeInbound(ByteBuffer(string: "early"))
        TunnelEnd.join(frontEnd, backEnd)
        try front.writeInbound(ByteBuffer(string: "late"))
        let early: ByteBuffer? = try back.readOutbound()
        let late: ByteBuffer? = try back.readOutbound()
        #expect(early == ByteBuffer(string: "early"))
        #expect(late == ByteBuffer(string: "late"))
    }

    @Test("may be joined before the accepted one is active")
    func joinsEarly() throws {
        let (front, frontEnd) = try channel(isActive: false)
        let (back, backEnd) = try channel(isActive: true)
        TunnelEnd.join(frontEnd, backEnd)
        try front.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try front.writeInbound(ByteBuffer(string: "hello"))
        let passed: ByteBuffer? = try back.readOutbound()
        #expect(passed == ByteBuffer(string: "hello"))
        #expect(front.isActive && back.isActive)
    }

    @Test(
        "close each other, whichever ended, before they were joined or after", arguments: [true, false], [true, false])
    func close(frontEnds: Bool, early: Bool) throws {
        let (front, frontEnd) = try channel(isActive: true)
        let (back, backEnd) = try channel(isActive: true)
        if !early { TunnelEnd.join(frontEnd, backEnd) }
        try (frontEnds ? front : back).close().wait()
        if early { TunnelEnd.join(frontEnd, backEnd) }
        loop.run()
        #expect(!front.isActive && !back.isActive)
    }
}
