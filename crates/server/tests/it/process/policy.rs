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
         After a right password: they are told that enrollment is disabled.\n\
         After a wrong password: a code is asked for that nobody gets."
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
