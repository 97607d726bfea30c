// Moments and how long lies between them go together: whoever knows what a run records reads durations in the same way.
@_exported public import QuakeBase
