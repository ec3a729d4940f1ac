#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| otpost_fuzz::password(octets));
