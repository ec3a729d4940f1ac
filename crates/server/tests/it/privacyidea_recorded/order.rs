//! How the recorded requests hang together.

/// Recorded challenges whose codes come back in later requests.
pub const ANSWERED_LATER: [(&str, &str); 5] = [
    ("check: JSON body", "270991"),
    ("check: one more challenge", "477880"),
    ("check: right PIN, validity 2 s", "145789"),
    ("two tokens, same PIN: right PIN", "592880"),
    ("login_mode=privacyIDEA: /auth with the token PIN", "212517"),
];
/// Requests that follow the one before within its minute.
pub const CONTINUED: [&str; 19] = [
    "polltransaction, id as",
    "check: transaction_id",
    "polltransaction after",
    "check: PIN + ",
    "disabled: by",
    "enabled again",
    "fail counter: wrong OTP number 10",
    "fail counter: wrong OTP number 12",
    "fail counter exceeded: right",
    "fail counter exceeded: token list",
    "fail counter: wrong PIN number 11",
    "SMTP down: trigger",
    "send_test_email",
    "concurrent=False: first id + first OTP a second time",
    "two tokens: OTP",
    "user JWT: delete",
    "user JWT: enroll",
    "login_mode=privacyIDEA: /auth with transaction_id",
    "no email.identifier",
];
