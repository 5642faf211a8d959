with

track as (

    select * from {{ ref('track') }}

),

users as (

    select * from {{ ref('users') }}

),

named as (

    select explode(genre_names) as genre_name from track
    union all
    select explode(favourite_genre_names) as genre_name from users

),

genre as (

    select
        {{ key([genre_spelling('genre_name')]) }} as genre_key,
        min(genre_name) as genre_name
    from named
    group by 1

)

select * from genre
