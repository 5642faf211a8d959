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
    {{ unknown_member({
        'user_key': -1,
        'user_id': "'unknown'",
        'favourite_genre_key': -1,
    }) }}

)

select * from dim_user
