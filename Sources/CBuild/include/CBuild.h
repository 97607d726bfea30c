// What the one who built this said of the sources: see Package.swift. Empty where nothing was said.

/// A commit's hash.
const char *peerquake_build_commit(void);

/// Its date, as 2026-01-31.
const char *peerquake_build_date(void);
