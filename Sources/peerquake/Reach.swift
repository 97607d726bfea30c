import Glibc
import NIOCore
import NIOPosix
import QuakeAudit

/// Dials the nodes that run gateways, from this machine, and writes down which of them answer.
enum Reach {
    /// Time enough for any network between clusters; a firewall that drops packets takes all of it.
    static let timeout = Duration.seconds(3)

    /// The snapshot with what each dial came to. Nodes that it does not name are not dialled.
    ///
    /// - Parameter timeout: of each dial; all are made at once.
    static func dialled(_ snapshot: AuditSnapshot, timeout: Duration = timeout) async -> AuditSnapshot {
        var result = snapshot
        let sites = AuditSite.all(of: snapshot)
        for index in result.clusters.indices {
            guard let site = sites.first(where: { $0.name == result.clusters[index].name }) else { continue }
            let targets = (try? GatewayNodeUnreachable.targets(of: site)) ?? []
            result.clusters[index].reach = await withTaskGroup(of: (String, String).self) { group in
                for target in targets {
                    group.addTask { ("\(target.ip):\(target.port)", await dial(target.ip, target.port, timeout)) }
                }
                var answers: [String: String] = [:]
                for await (target, answer) in group { answers[target] = answer }
                return answers
            }
        }
        return result
    }

    /// `connected`, or why not.
    private static func dial(_ ip: String, _ port: Int, _ timeout: Duration) async -> String {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(TimeAmount(timeout)).connect(to: SocketAddress(ipAddress: ip, port: port)).get()
            try? await channel.close()
            return "connected"
        } catch ChannelError.connectTimeout {
            return "no answer within \(timeout / .seconds(1)) s"
        } catch let error as IOError {
            return String(cString: strerror(error.errnoCode)).lowercased()
        } catch {
            return "\(error)"
        }
    }
}
