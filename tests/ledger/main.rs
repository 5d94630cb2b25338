//! The quota under every race: parallel tasks, a connection each, the ledger checked after every round.
