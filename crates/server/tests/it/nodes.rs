//! Several nodes on one PostgreSQL behind a tiny balancer, and what becomes of sign-ins while nodes and
//! the database are killed, paused and replaced. Clients write down what they were told (`history`);
//! afterwards it is held against the mails, the audit and the data (`checker`).

mod at_once;
mod balancer;
mod changes;
mod checker;
mod copies;
mod evidence;
mod faults;
mod history;
mod load;
mod node;
mod storm;
mod trio;
