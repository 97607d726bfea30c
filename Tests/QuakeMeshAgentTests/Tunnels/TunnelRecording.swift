import Testing

@testable import QuakeMeshAgent

/// What real ztunnel did, reduced to numbers.
///
/// Measured with ztunnel release-1.27 (1.27.9, commit b973eaae of the OpenShift Service Mesh), one source, one backend,
/// new connections at ``rate`` and two kept ones; the runs named g-… went through an Envoy east-west gateway, the
/// others from one ztunnel straight to the other. The machine was busy: handshakes took up to 0.5 s.
struct TunnelRecording: Sendable, CustomTestStringConvertible {
    var name: String
    var fault: SimulatedNetwork.Fault
    /// How long the fault lasted, in seconds.
    var length: Double
    /// Seconds from the last pong to the fault, from the first request's success: pings follow every 10 s.
    var sincePong: Double
    /// The first new request after the fault, in seconds.
    var phase: Double
    /// New requests, a second.
    var rate = 2.0
    var userTimeout: Duration?
    var seen: TunnelMeasures

    var testDescription: String { name }

    /// - Parameters:
    ///   - first: the first failure; nil where none failed.
    ///   - mass: when most failed at once, and how many; nil where none did.
    ///   - failed: during the fault, and after it.
    ///   - success: the first answer after the fault.
    ///   - hang: the longest one.
    init(
        _ name: String, _ fault: SimulatedNetwork.Fault, _ length: Double, sincePong: Double, phase: Double,
        rate: Double = 2, userTimeout: Duration? = nil, first: Double? = nil, mass: (at: Double, count: Int)? = nil,
        failed: (during: Int, after: Int) = (0, 0), success: Double, hang: Double
    ) {
        self.name = name
        self.fault = fault
        self.length = length
        self.sincePong = sincePong
        self.phase = phase
        self.rate = rate
        self.userTimeout = userTimeout
        seen = TunnelMeasures(
            firstFailure: first, massReset: mass?.at, massCount: mass?.count ?? 0, failed: failed.during,
            failedAfter: failed.after, firstSuccess: success, longestHang: hang)
    }

    /// All but the one whose backend's node fell silent behind the gateway: what fails there is the gateway's own dial.
    static let all = silent + otherwise

    private static let silent: [TunnelRecording] = [
        TunnelRecording("s5", .silent, 5.03, sincePong: 9.57, phase: 0.38, success: 1.58, hang: 6.2),
        TunnelRecording("s10", .silent, 10.06, sincePong: 9.63, phase: 0.29, success: 3.74, hang: 13.5),
        TunnelRecording(
            "g-s15", .silent, 15.14, sincePong: 9.11, phase: 0.12, first: 20.79, mass: (20.79, 42), failed: (31, 11),
            success: 6.00, hang: 20.7),
        TunnelRecording(
            "s20", .silent, 20.05, sincePong: 9.34, phase: 0.09, first: 20.64, mass: (20.64, 42), failed: (40, 2),
            success: 1.05, hang: 20.5),
        TunnelRecording(
            "s60a", .silent, 60.09, sincePong: 1.77, phase: 0.11, first: 28.23, mass: (28.23, 57), failed: (58, 0),
            success: 0.63, hang: 31.6),
        TunnelRecording(
            "s60b", .silent, 60.04, sincePong: 5.75, phase: 0.04, first: 24.23, mass: (24.23, 49), failed: (50, 0),
            success: 1.71, hang: 36.7),
        TunnelRecording(
            "s60c", .silent, 60.09, sincePong: 9.89, phase: 0.33, first: 20.07, mass: (20.07, 40), failed: (42, 0),
            success: 0.29, hang: 39.5),
        TunnelRecording(
            "g-s60b", .silent, 60.04, sincePong: 1.48, phase: 0.28, first: 28.36, mass: (28.36, 57), failed: (58, 0),
            success: 1.06, hang: 31.8),
        // By another port than the load balancer's, as with NodePort.
        TunnelRecording(
            "g-nps60", .silent, 60.06, sincePong: 9.24, phase: 0.12, first: 20.65, mass: (20.65, 42), failed: (44, 0),
            success: 1.65, hang: 39.6),
        TunnelRecording(
            "s150", .silent, 150.04, sincePong: 6.66, phase: 0.20, first: 23.32, mass: (23.32, 47), failed: (57, 0),
            success: 0.89, hang: 122.2),
        TunnelRecording(
            "fast60", .silent, 60.10, sincePong: 9.33, phase: 0.04, rate: 10, first: 19.84, mass: (20.67, 98),
            failed: (103, 0), success: 1.52, hang: 51.3),
    ]

    private static let otherwise: [TunnelRecording] = [
        TunnelRecording(
            "link60", .linkDown, 60.02, sincePong: 8.26, phase: 0.23, first: 21.74, mass: (21.74, 44), failed: (54, 0),
            success: 0.53, hang: 33.3),
        TunnelRecording("stop15", .stopped, 15.00, sincePong: 7.14, phase: 0.32, success: 0.03, hang: 14.7),
        TunnelRecording("g-stop15", .stopped, 15.00, sincePong: 9.00, phase: 0.18, success: 0.39, hang: 15.2),
        TunnelRecording(
            "g-stop60", .stopped, 60.00, sincePong: 9.03, phase: 0.20, first: 20.79, mass: (20.79, 42),
            failed: (42, 0), success: 0.52, hang: 39.4),
        TunnelRecording(
            "stop150", .stopped, 150.00, sincePong: 8.33, phase: 0.12, first: 21.66, mass: (21.66, 44),
            failed: (44, 0), success: 0.06, hang: 127.9),
        TunnelRecording(
            "g-kill20", .killed, 20.07, sincePong: 9.50, phase: 0.21, first: 0.21, failed: (40, 1), success: 0.66,
            hang: 0),
        TunnelRecording(
            "term20", .terminated, 20.00, sincePong: 8.68, phase: 0.26, first: 0.26, failed: (40, 0), success: 0.27,
            hang: 0),
        // With USER_TIMEOUT_ENABLED, KEEPALIVE_TIME 2 s, KEEPALIVE_INTERVAL 1 s and KEEPALIVE_RETRIES 2.
        TunnelRecording(
            "ut15", .silent, 15.04, sincePong: 9.65, phase: 0.30, userTimeout: .seconds(4), first: 4.46,
            mass: (4.46, 9), failed: (10, 0), success: 0.90, hang: 10.6),
        TunnelRecording(
            "ut60", .silent, 60.11, sincePong: 8.97, phase: 0.02, userTimeout: .seconds(4), first: 4.21,
            mass: (4.21, 9), failed: (21, 0), success: 1.39, hang: 51.0),
    ]
}
