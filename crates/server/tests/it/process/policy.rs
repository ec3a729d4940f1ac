//! `otpost policy explain`.

use super::place::Place;

#[test]
fn the_command_line_explains_who_is_asked_and_why() {
    let place = Place::ready();
    place.ok(&["user", "add", "ben", "--email", "ben@example.org", "--password-stdin"], "a long password\n");
    let said = place.ok(&["policy", "explain", "ben"], "");
    assert_eq!(
        said.trim_end(),
        "ben is served by the provider E-mail.\n\
         A code is asked for: no criterion is switched on, so everybody is asked.\n\
         First comes the PIN of an enrollment.\n\
         After a right PIN: they are told that enrollment is disabled.\n\
         After a wrong PIN: a code is asked for that nobody gets."
    );
    place.ok(&["user", "enroll", "ben"], "");
    let said = place.ok(&["policy", "explain", "BEN", "--address", "10.0.0.1", "--os", "windows"], "");
    assert!(said.contains("After a right password: a code goes to the address in the directory."), "{said}");
    let said = place.ok(&["policy", "explain", "nobody"], "");
    assert!(said.contains("There is no such user; strangers are treated so."), "{said}");
    assert!(said.contains("After a right password: a code is asked for that nobody gets."), "{said}");
    let said = place.cli(&["policy", "explain", "ben", "--os", "beos"], "");
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("windows"), "{}", said.err);
}

#[test]
fn who_is_turned_away_by_a_theme_is_no_stranger() {
    let place = Place::ready();
    place.ok(&["user", "add", "ben", "--email", "ben@example.org", "--password-stdin"], "a long password\n");
    place.ok(&["user", "enroll", "ben"], "");
    // As docs/operate/themes.md has it.
    place.ok(&["theme", "set", "vpn", "--provider", "E-mail", "--member", r"users\ann,users\eve"], "");
    let explained = || place.ok(&["policy", "explain", "ben", "--theme", "vpn"], "");
    let said = explained();
    assert!(said.contains("They are not on the list of the theme vpn;"), "{said}");
    assert!(!said.contains("no such user"), "{said}");
    place.ok(&["theme", "set", "vpn", "--member", r"users\ben"], "");
    assert!(explained().contains("After a right password: a code goes to the address in the directory."));
    place.ok(&["theme", "set", "vpn", "--enabled", "false"], "");
    assert!(explained().contains("The theme vpn is off or without provider"));
}

#[test]
fn who_is_added_with_a_password_proves_it_and_others_are_spoken_of() {
    let place = Place::ready();
    place.ok(&["user", "add", "ben", "--email", "ben@example.org", "--password-stdin"], "a long password\n");
    place.ok(&["user", "enroll", "ben"], "");
    assert!(!place.cli(&["doctor"], "").out.contains("first factor"));
    assert!(
        place
            .cli(&["user", "enroll", "ben", "--address", "b@example.org", "--pin-stdin"], "1234\n")
            .err
            .contains("not asked for")
    );

    let bare = Place::ready();
    bare.ok(&["user", "add", "ann", "--email", "ann@example.org"], "");
    let enrolled = bare.cli(&["user", "enroll", "ann"], "");
    assert_eq!(enrolled.code, 0);
    assert!(enrolled.err.contains("without a PIN, a code is mailed to ann for an empty password"), "{}", enrolled.err);
    let said = bare.ok(&["policy", "explain", "ann"], "");
    assert!(
        said.contains("First comes nothing that proves who it is: there is an enrollment without a PIN.\n"),
        "{said}"
    );
    assert!(said.contains("After an empty password: a code goes to the address in the directory.\n"), "{said}");
    let doctor = bare.cli(&["doctor"], "").out;
    assert!(doctor.contains("1 enrolled without a PIN"), "{doctor}");
    assert!(
        bare.cli(&["user", "add", "cy", "--password-stdin"], "a long password\n")
            .err
            .contains("does not ask for passwords")
    );
}
