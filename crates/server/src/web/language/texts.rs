//! What the pages say, by name. A language that leaves one out does not compile.

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Every sentence of the pages, in one language. `{}` stands for what differs.
        #[derive(Debug)]
        pub struct Texts {
            $($(#[$doc])* pub $name: &'static str,)+
        }

        #[cfg(test)]
        impl Texts {
            /// All of them with their names.
            pub(super) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)+]
            }
        }
    };
}

texts! {
    /// When it was accepted.
    accepted_at,
    /// Label of the field for an address of one's own choice.
    another_address,
    /// What was typed is no address.
    bad_address,
    /// Nothing could be checked just now.
    busy,
    /// The code was right, and what followed failed.
    busy_code_used,
    /// Title: nothing could be checked just now.
    busy_title,
    /// Title of the page that asks for the code.
    check_your_mail,
    /// Label of the field for the code.
    code,
    /// When the code cannot be used any more.
    code_expired,
    /// How long the code works yet; minutes and seconds.
    code_works_for,
    /// Until when the code works.
    code_works_until,
    /// Where codes go, when there is no choice.
    codes_go_to,
    /// Gear elsewhere lets somebody in for so long; minutes and seconds.
    connect_for,
    /// It does so no longer.
    connect_over,
    /// Button: to the next step.
    continue_,
    /// Button: back to the application.
    continue_to,
    /// A form of another site.
    cross_site,
    /// Title: a form of another site.
    cross_site_title,
    /// Button: prove the address.
    enroll_and_sign_in,
    /// Why there is a code from now on.
    enroll_intro,
    /// Title: choose an address.
    enroll_title,
    /// There is an enrollment already.
    enrolled_already,
    /// Title: there is an enrollment already.
    enrolled_already_title,
    /// Nobody may enroll.
    enrollment_disabled,
    /// Title of a page that asks for a code.
    enter_your_code,
    /// What may have ended a sign-in.
    ended,
    /// Title: a sign-in is over.
    ended_title,
    /// Button: to the first page.
    go_to_sign_in,
    /// There is no address to send to.
    no_address,
    /// Title: no code can be sent.
    no_code_title,
    /// Question: where is the mail?
    no_mail_yet,
    /// Answer, while signing in.
    no_mail_yet_help,
    /// Answer, while enrolling.
    no_mail_yet_help_enroll,
    /// There is no such page.
    not_found,
    /// Title: there is no such page.
    not_found_title,
    /// What is kept while somebody enrolls.
    nothing_kept,
    /// The place for the address holds another one.
    occupied,
    /// Title: the place for the address holds another one.
    occupied_title,
    /// Where a first code is going: the address that was given.
    on_its_way_to,
    /// Where a first code is going: the address on file of this person.
    on_its_way_to_listed,
    /// Label of the field for the password.
    password,
    /// Label of the field for the password or the PIN.
    password_or_pin,
    /// The number of a sign-in, for the help desk.
    reference,
    /// Name or password is wrong.
    refused,
    /// The code was refused.
    said_wrong,
    /// The mail goes out once more.
    said_sent,
    /// The mail does not go out again now.
    said_wait,
    /// Button: the mail once more.
    send_again,
    /// The same button while it waits; seconds.
    send_again_in,
    /// Link: back to choosing an address.
    send_again_or_other,
    /// Button: send the first code.
    send_code,
    /// No further mail for this code.
    sent_often_enough,
    /// Title and button: sign in.
    sign_in,
    /// Button: once more from the beginning.
    sign_in_again,
    /// Title: you are in.
    signed_in,
    /// You are in, and nothing follows.
    signed_in_close,
    /// You are in, and the application follows.
    signed_in_on_your_way,
    /// Who is signing in.
    signing_in_as,
    /// Link: back to the beginning.
    start_again,
    /// What will follow.
    start_hint,
    /// Story of a sign-in: the code came back.
    step_code_back,
    /// Story: the first step.
    step_checked,
    /// Story: the address is enrolled.
    step_enrolled,
    /// Story: no code was needed.
    step_excepted,
    /// Story: a code went to the chosen address.
    step_sent_to_chosen,
    /// Story: a code went to the mailbox on file.
    step_sent_to_mailbox,
    /// Choice: the address on file.
    to_listed,
    /// Choice: another address.
    to_other,
    /// Too many attempts from one place.
    too_many,
    /// Title: too many attempts from one place.
    too_many_title,
    /// Button: once more.
    try_again,
    /// An application that is not on the list.
    unlisted,
    /// Title: an application that is not on the list.
    unlisted_title,
    /// A form that cannot be read.
    unreadable,
    /// Title: a form that cannot be read.
    unreadable_title,
    /// Label of the field for the name.
    user_name,
    /// Greeting.
    welcome,
    /// Title of the story of a sign-in.
    what_happened,
    /// Question: which address?
    where_to,
    /// Label of the field for the only address.
    your_address,
}
