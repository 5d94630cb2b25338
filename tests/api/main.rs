//! What every route answers, asked as its callers would: one file per function.

mod confirm;
