//! Owns the settings that are one word out of a few.

use super::parse::FromText;

/// Declares an enum whose variants are words of the configuration file.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// The words, as written in the configuration file.
            pub const NAMES: &'static [&'static str] = &[$($word,)+];

            /// The word for this value, as written in the configuration file.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl FromText for $name {
            fn from_text(text: &str) -> Result<Self, &'static str> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err("is none of the allowed words"),
                }
            }
        }
    };
}

choice! {
    /// The header in which trusted proxies tell the client's address. Default: none.
    ForwardedHeader {
        /// No header counts; the peer is the client.
        None = "none",
        /// `X-Forwarded-For`.
        XForwardedFor = "x-forwarded-for",
        /// `Forwarded`, RFC 7239.
        Forwarded = "forwarded",
    }
}

choice! {
    /// What a refusal on `/validate` says. Default: generic.
    ValidateMessages {
        /// The same text for every reason.
        Generic = "generic",
        /// The reason, in privacyIDEA's words.
        PrivacyIdea = "privacyidea",
    }
}

choice! {
    /// Whether a RADIUS client must sign its requests with Message-Authenticator. Default: yes.
    MessageAuthenticator {
        /// Always; requests without it are dropped.
        Yes = "yes",
        /// From the first request that carries it onwards.
        Auto = "auto",
    }
}

choice! {
    /// Which dialogue a client can have. Default: challenge.
    #[derive(Default)]
    RadiusMode {
        /// First factor, then the code is asked for.
        #[default]
        Challenge = "challenge",
        /// Both in one field; the first try mails the code.
        PasswordAndCode = "password+code",
        /// The code alone.
        Code = "code",
    }
}

choice! {
    /// Who checks the first factor. Default: we do.
    #[derive(Default)]
    RadiusFirstFactor {
        /// We check it.
        #[default]
        Check = "check",
        /// The client has checked it.
        None = "none",
    }
}

choice! {
    /// Shape of log lines. Default: text.
    LogFormat {
        /// Lines for people.
        Text = "text",
        /// One JSON object per line.
        Json = "json",
    }
}

choice! {
    /// The least important messages that are still written. Default: info.
    LogLevel {
        /// Our own failures.
        Error = "error",
        /// What someone should look at soon.
        Warn = "warn",
        /// What happened.
        Info = "info",
        /// How it happened.
        Debug = "debug",
        /// Every step.
        Trace = "trace",
    }
}
