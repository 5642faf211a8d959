with

user_records as (

    select * from {{ ref('user_records') }}

),

latest as (

    select
        ---------- keys
        user_id,
        {{ key(['user_id']) }} as user_key,

        ---------- text
        first_name,
        last_name,
        email,
        gender,
        favourite_genre_names,

        ---------- booleans
        is_email_valid,
        is_updated_at_repaired,

        ---------- timestamps
        created_at,
        updated_at,
        ingested_at

    from user_records
    where fate = 'current'

)

select * from latest
