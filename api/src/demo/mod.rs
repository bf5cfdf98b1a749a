//! The demo household: two earners, a house with its mortgage, a car with its loan, a card, retirement accounts, children.
//!
//! It is loaded over HTTP, by a client like any other, from `household.json`: a list of requests in their order, where `{Name}`
//! stands for the id that an earlier one made. So it can hold nothing that a user could not enter, and every step takes the way
//! that everything takes. Loading twice changes nothing: each step has an idempotency key, and a household that has the last
//! thing of the list is left alone.

mod client;

use std::net::SocketAddr;

use serde::Deserialize;
use serde_json::{Value, json};

use client::Client;
pub use client::DemoError;

/// Who the demo user is.
pub const EMAIL: &str = "demo@effluent.example";
/// Public, which is why production refuses the demo.
pub const PASSWORD: &str = "demo-household";

/// Everything that the demo user enters.
const HOUSEHOLD: &str = include_str!("household.json");

/// One request.
#[derive(Deserialize)]
struct Step {
    /// Where it is posted.
    post: String,
    /// What is posted; its `name` becomes the name of what is made.
    body: Value,
}

/// Loads the demo household into the server at this address, unless it is there already. Gives whether it was loaded now.
///
/// # Errors
/// A step was refused, or the server did not answer.
pub async fn load(address: SocketAddr) -> Result<bool, DemoError> {
    let steps: Vec<Step> = serde_json::from_str(HOUSEHOLD).map_err(DemoError::Data)?;
    let mut client = Client::new(address)?;
    let registration = json!({"email": EMAIL, "password": PASSWORD, "name": "Ada Lovelace"});
    client.post_or_conflict("/api/auth/register", &registration).await?;
    client.log_in(EMAIL, PASSWORD).await?;
    if is_loaded(&mut client, &steps).await? {
        return Ok(false);
    }
    for (number, step) in steps.iter().enumerate() {
        client.create(&step.post, &step.body, &format!("demo-{number}")).await?;
        if number == 0 {
            // Whoever opens a household is its first member.
            client.name_primary_member("Ada").await?;
        }
    }
    Ok(true)
}

/// Whether the last thing of the list is there.
async fn is_loaded(client: &mut Client, steps: &[Step]) -> Result<bool, DemoError> {
    if client.list("/api/v1/households").await?.is_empty() {
        return Ok(false);
    }
    let Some(last) = steps.last() else { return Ok(true) };
    let there = client.list(&last.post).await?;
    Ok(there.iter().any(|one| one.get("name") == last.body.get("name")))
}

/// What a newcomer can do now: printed under the line that says where the server listens.
#[must_use]
pub fn introduction(address: SocketAddr) -> String {
    let server = format!("http://{address}");
    format!(
        r#"the demo user is {EMAIL}, with the password {PASSWORD}
the API can be read and tried at {server}/api/docs
three lines to begin with:
  TOKEN=$(curl -s {server}/api/auth/token -H 'Content-Type: application/json' -d '{{"email":"{EMAIL}","password":"{PASSWORD}"}}' | grep -o '"access":"[^"]*' | cut -d'"' -f4)
  curl -s "{server}/api/v1/flows?system=true" -H "Authorization: Bearer $TOKEN"
  curl -s "{server}/api/v1/scenarios/$(curl -s {server}/api/v1/scenarios/baseline -H "Authorization: Bearer $TOKEN" | grep -o '"id":"[^"]*' | head -1 | cut -d'"' -f4)/projections?months=120&format=csv" -H "Authorization: Bearer $TOKEN"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_a_step_uses_was_made_before() {
        let steps: Vec<Step> = serde_json::from_str(HOUSEHOLD).unwrap();
        let mut names = vec!["Ada".to_owned()];
        for step in &steps {
            for used in client::names_in(&format!("{} {}", step.post, step.body)) {
                assert!(names.contains(&used), "{used} is not made before {}", step.body);
            }
            names.extend(step.body["name"].as_str().map(str::to_owned));
        }
    }
}
