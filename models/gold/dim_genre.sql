with

genre as (

    select * from {{ ref('genre') }}

),

dim_genre as (

    select
        genre_key,
        genre_name
    from genre
    union all
    {{ unknown_member({'genre_key': -1, 'genre_name': "'Unknown'"}) }}

)

select * from dim_genre
