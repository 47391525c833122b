//! `dateline demo`: a fictional newspaper in a temporary folder, to look at.

use clap::Args;

use super::{Failure, user::made_up_password};
use crate::{
    config::Config,
    db::types::UserRole,
    demo,
    models::user::{self, NewUser},
    server,
};

#[derive(Args)]
pub struct DemoArgs {
    /// Draw small pictures: for a slow machine
    #[arg(long)]
    quick: bool,
}

pub fn run(mut config: Config, args: &DemoArgs) -> Result<(), Failure> {
    let folder = tempfile::Builder::new()
        .prefix("dateline-demo-")
        .tempdir()?;
    // Whatever is configured, the demo touches nothing that is there already.
    config.data_dir = folder.path().to_owned();
    config.database_url = crate::db::DatabaseUrl::file(folder.path().join("dateline.db"));
    config.log_level = config.log_level.min(tracing::Level::WARN);
    super::start_log(&config);
    actix_web::rt::System::new().block_on(async {
        let server = server::start(config)?;
        let app = server.app.clone();
        let now = app.clock.now();
        let size = if args.quick {
            demo::Size::Small
        } else {
            demo::Size::Full
        };
        eprintln!("Drawing the pictures and printing the demo edition …");
        let pictures = demo::draw(&app.media, size)?;
        let email = "editor@dunmere-courier.example";
        let password = made_up_password();
        let user = NewUser::new(email, "Demo Editor", &password, UserRole::Admin, None)?;
        app.db
            .write_blocking(|conn| demo::publish(conn, &pictures, now))?;
        app.db
            .record_blocking(|conn| user::insert(conn, &user, now))?;
        app.db
            .write_blocking(|conn| demo::newsroom::fill(conn, now))?;
        println!("The Dunmere Courier is out.\n");
        println!("  Newspaper  {}/", app.base_url);
        println!("  Newsroom   {}/admin", app.base_url);
        println!("  Login      {email}");
        println!("  Password   {password}\n");
        println!("Ctrl-C stops it, and everything that belongs to it is deleted.");
        Ok(server.run().await?)
    })
}
