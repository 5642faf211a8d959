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

    select
        -1 as genre_key,
        'Unknown' as genre_name

)

select * from dim_genre
