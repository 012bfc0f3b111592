//! One question to a model over the OpenAI protocol, asked until it is answered or has failed for good.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`client`] | an endpoint: limits, retries, timeouts, keys |
//! | [`health`] | whether a server is there |
//! | [`parse`] | answers to the values that people want |
//!
//! It knows neither jobs nor recipes: both ask through it.

pub mod client;
pub mod health;
pub mod parse;
