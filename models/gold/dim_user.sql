with

users as (

    select * from {{ ref('users') }}

),

renamed as (

    select
        ---------- keys
        user_key,
        user_id,
        coalesce(
            {{ key([genre_spelling('get(favourite_genre_names, 0)')]) }}, -1
        ) as favourite_genre_key,

        ---------- text
        first_name,
        last_name,
        email,
        gender,
        favourite_genre_names,

        ---------- booleans
        is_email_valid,

        ---------- timestamps
        created_at,
        updated_at

    from users

),

dim_user as (

    select * from renamed

    union all

    select
        -1 as user_key,
        'unknown' as user_id,
        -1 as favourite_genre_key,
        null as first_name,
        null as last_name,
        null as email,
        null as gender,
        null as favourite_genre_names,
        null as is_email_valid,
        null as created_at,
        null as updated_at

)

select * from dim_user
