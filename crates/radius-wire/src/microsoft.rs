//! Microsoft's numbers in RADIUS, RFC 2548.

/// Microsoft among the vendors.
pub const VENDOR: u32 = 311;

/// MS-CHAP-Response, 2.1.3: version 1, which this product does not take.
pub const MS_CHAP_RESPONSE: u8 = 1;
/// MS-CHAP-Error, 2.1.5: why somebody is refused, in words that their program understands.
pub const MS_CHAP_ERROR: u8 = 2;
/// MS-MPPE-Encryption-Policy, 2.4.4.
pub const MPPE_ENCRYPTION_POLICY: u8 = 7;
/// MS-MPPE-Encryption-Types, 2.4.5.
pub const MPPE_ENCRYPTION_TYPES: u8 = 8;
/// MS-CHAP-Challenge, 2.1.2.
pub const MS_CHAP_CHALLENGE: u8 = 11;
/// MS-MPPE-Send-Key, 2.4.2.
pub const MPPE_SEND_KEY: u8 = 16;
/// MS-MPPE-Recv-Key, 2.4.3.
pub const MPPE_RECV_KEY: u8 = 17;
/// MS-CHAP2-Response, 2.3.2.
pub const MS_CHAP2_RESPONSE: u8 = 25;
/// MS-CHAP2-Success, 2.3.3.
pub const MS_CHAP2_SUCCESS: u8 = 26;
/// MS-RAS-Client-Name, 2.5.5: what the person's computer is called.
pub const RAS_CLIENT_NAME: u8 = 34;
