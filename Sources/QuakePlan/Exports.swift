// What a run records has a floor of its own, which the agent's image stands on too. Whoever knows a plan knows its words.
@_exported public import QuakeRecord
